-- The schema is what it was: nothing but the age of an index differs.
SELECT 1;
