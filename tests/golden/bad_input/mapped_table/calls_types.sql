CREATE TABLE calls (id, queue, arrived, answered, talk, outcome, changed);
INSERT INTO calls VALUES ('p1', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:10:00');
INSERT INTO calls VALUES ('p2', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 'four', 'answered', '2026-11-12 10:11:00');
INSERT INTO calls VALUES ('p3', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', -5, 'answered', '2026-11-12 10:12:00');
INSERT INTO calls VALUES ('p4', 'Support', 'soon', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:13:00');
INSERT INTO calls VALUES ('p5', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 9e999, 'answered', '2026-11-12 10:14:00');
INSERT INTO calls VALUES ('p6', 'Sales', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:15:00');
INSERT INTO calls VALUES ('p7', 'Support', '2026-03-29 02:30:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:16:00');
