-- Note which hold an intent of a customer waits as, unless another one is noted already.
--
-- KEYS  1 the intent
-- ARGV  1 the hold  2 what may be replaced, as it was read, or empty  3 ms after which it is dropped
-- returns what is noted and stands in the way, or nil when the hold is noted now
local noted = redis.call('GET', KEYS[1])
if noted and noted ~= ARGV[2] then return noted end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return nil
