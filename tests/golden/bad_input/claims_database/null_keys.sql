CREATE TABLE claims (id, customer, line, lost_on, reported, closed, updated_at);
CREATE TABLE claim_status_history (id, claim, status, changed, updated_at);
INSERT INTO claims VALUES ('C1', 7, 'motor', '2026-11-10', '2026-11-12 09:00:00', NULL, '2026-11-12 09:00:00');
INSERT INTO claim_status_history VALUES ('E1', 'C1', 'assessed', '2026-11-12 13:00:00', '2026-11-12 13:00:00');
INSERT INTO claims VALUES (NULL, 8, 'motor', NULL, '2026-11-12 09:30:00', NULL, '2026-11-12 09:30:00');
INSERT INTO claims VALUES ('', 9, 'motor', NULL, '2026-11-12 09:40:00', NULL, '2026-11-12 09:40:00');
INSERT INTO claim_status_history VALUES (NULL, 'C1', 'closed', '2026-11-12 14:00:00', '2026-11-12 14:00:00');
INSERT INTO claim_status_history VALUES ('E3', NULL, 'closed', '2026-11-12 15:00:00', '2026-11-12 15:00:00');
