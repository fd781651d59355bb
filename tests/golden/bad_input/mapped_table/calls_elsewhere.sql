CREATE TABLE kalls (id, queue, arrived, answered, talk, outcome, changed);
INSERT INTO kalls VALUES ('p1', 'Support', '2026-11-12 10:00:00', '2026-11-12 10:01:00', 240, 'answered', '2026-11-12 10:10:00');
