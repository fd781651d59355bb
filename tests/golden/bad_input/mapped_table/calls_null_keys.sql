CREATE TABLE calls (id, queue, arrived, answered, talk, outcome, changed);
INSERT INTO calls VALUES ('p1', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:10:00');
INSERT INTO calls VALUES (NULL, 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:11:00');
INSERT INTO calls VALUES ('', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:12:00');
INSERT INTO calls VALUES ('p4', NULL, '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:13:00');
INSERT INTO calls VALUES ('p5', 'Support', NULL, '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:14:00');
