SELECT 1; -- é
