-- What is sealed cannot be packed any further: the server need not try.
ALTER TABLE message ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE exchange ALTER COLUMN answer SET STORAGE EXTERNAL;
ALTER TABLE paper ALTER COLUMN body SET STORAGE EXTERNAL;
