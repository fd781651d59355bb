CREATE TABLE schades (id);
