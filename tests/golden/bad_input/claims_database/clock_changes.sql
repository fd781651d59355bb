CREATE TABLE claims (id, customer, line, lost_on, reported, closed, updated_at);
CREATE TABLE claim_status_history (id, claim, status, changed, updated_at);
INSERT INTO claim_status_history VALUES ('E1', 'C1', 'assessed', '2026-11-12 13:00:00', '2026-11-12 13:00:00');
INSERT INTO claims VALUES ('C1', 7, 'motor', NULL, '2026-10-25 02:30:00', NULL, '2026-10-25 02:30:00');
INSERT INTO claims VALUES ('C2', 7, 'motor', NULL, '2026-03-29 02:30:00', NULL, '2026-03-29 02:30:00');
