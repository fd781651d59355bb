CREATE TABLE claims (id, customer, line, lost_on, reported, closed, updated_at);
CREATE TABLE claim_status_history (id, claim, status, changed, updated_at);
INSERT INTO claim_status_history VALUES ('E1', 'C1', 'assessed', '2026-11-12 13:00:00', '2026-11-12 13:00:00');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO claims SELECT 'C' || i, i, 'motor', NULL, '2026-11-12 09:00:00', NULL, '2026-11-12 09:00:00' FROM n;
