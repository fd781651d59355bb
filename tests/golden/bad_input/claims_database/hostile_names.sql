CREATE TABLE "select" ("from", "a""b", "group by 1; --", "%s :name {0}", "naïve 日", "order");
CREATE TABLE "x; DROP TABLE claims; --" ("primary", "where", "'", "null", "order");
INSERT INTO "select" VALUES ('C1', 'x'' OR 1=1', 'motor', '2026-11-12T09:00:00Z', NULL, '2026-11-12T09:00:00Z');
INSERT INTO "x; DROP TABLE claims; --" VALUES ('E1', 'C1', 'assessed', '2026-11-12T13:00:00Z', '2026-11-12T13:00:00Z');
