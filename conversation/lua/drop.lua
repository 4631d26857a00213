-- End a job that has nothing left to do.
--
-- KEYS  1 jobs
-- ARGV  1 group  2 job  3 worker  4 attempt
-- returns 1, or 0 when the lease is another's
local lease = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
if not lease or lease[2] ~= ARGV[3] or lease[4] ~= tonumber(ARGV[4]) then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
return 1
