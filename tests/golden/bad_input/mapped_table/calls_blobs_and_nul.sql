CREATE TABLE calls (id, queue, arrived, answered, talk, outcome, changed);
INSERT INTO calls VALUES ('p1', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:10:00');
INSERT INTO calls VALUES (X'00FF', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:11:00');
INSERT INTO calls VALUES (CAST(X'70FF' AS TEXT), 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:12:00');
INSERT INTO calls VALUES ('p' || char(0), 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:13:00');
