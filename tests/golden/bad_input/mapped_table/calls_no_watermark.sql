CREATE TABLE calls (id, queue, arrived, answered, talk, outcome, touched);
INSERT INTO calls VALUES ('p1', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:10:00');
