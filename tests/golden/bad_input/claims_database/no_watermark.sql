CREATE TABLE claims (id, customer, line, lost_on, reported, closed, changed_on);
CREATE TABLE claim_status_history (id, claim, status, changed, changed_on);
INSERT INTO claims VALUES ('C1', 7, 'motor', '2026-11-10', '2026-11-12 09:00:00', NULL, '2026-11-12 09:00:00');
INSERT INTO claim_status_history VALUES ('E1', 'C1', 'assessed', '2026-11-12 13:00:00', '2026-11-12 13:00:00');
