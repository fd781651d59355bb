CREATE TABLE claims (id, customer, line, lost_on, reported, closed, updated_at);
CREATE TABLE claim_status_history (id, claim, status, changed, updated_at);
