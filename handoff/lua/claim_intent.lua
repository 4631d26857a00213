-- Note what an intent of a customer is held as, or may become, beside what is noted of it already.
--
-- KEYS  1 hash: the intent
-- ARGV  1 the hold  2 its note  3 ms after which the intent is dropped, from now on; then three for
--       each that was looked at and stands in nobody's way: its hold, its note as it was read, and
--       1 when it never will again
-- returns what is noted and was not looked at, hold after note, or nil when the hold is noted now
local known, over = {}, {}
for i = 4, #ARGV, 3 do
  known[ARGV[i]] = ARGV[i + 1]
  if ARGV[i + 2] == '1' then over[#over + 1] = ARGV[i] end
end
local noted, unknown = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #noted, 2 do
  if noted[i] ~= ARGV[1] and known[noted[i]] ~= noted[i + 1] then
    unknown[#unknown + 1] = noted[i]
    unknown[#unknown + 1] = noted[i + 1]
  end
end
if #unknown > 0 then return unknown end
for _, hold in ipairs(over) do redis.call('HDEL', KEYS[1], hold) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return nil
