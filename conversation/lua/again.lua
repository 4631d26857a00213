-- Begin a new attempt at a job one holds: its attempt number rises, the lease starts afresh.
--
-- KEYS  1 jobs
-- ARGV  1 group  2 job  3 worker  4 attempt  5 the new attempt
-- returns the new attempt, or -1 when the lease is another's
local lease = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
if not lease or lease[2] ~= ARGV[3] or lease[4] ~= tonumber(ARGV[4]) then return -1 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, ARGV[2], 'RETRYCOUNT', ARGV[5], 'JUSTID')
return tonumber(ARGV[5])
