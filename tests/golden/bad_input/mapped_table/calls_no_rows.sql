CREATE TABLE calls (id, queue, arrived, answered, talk, outcome, changed);
