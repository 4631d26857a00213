-- Leave a job one cannot read to others, as if one had never had it; they may take it at once.
--
-- KEYS  1 jobs
-- ARGV  1 group  2 job  3 worker  4 attempt  5 silent since (ms), so that others take it
-- returns 1, or 0 when the lease is another's
local lease = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
if not lease or lease[2] ~= ARGV[3] or lease[4] ~= tonumber(ARGV[4]) then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, ARGV[2], 'IDLE', ARGV[5],
  'RETRYCOUNT', tonumber(ARGV[4]) - 1, 'JUSTID')
return 1
