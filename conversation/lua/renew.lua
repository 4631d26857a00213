-- Renew the leases of jobs a worker holds; the attempt numbers stay.
--
-- KEYS  1 jobs
-- ARGV  1 group  2 worker  then job, attempt of each
-- returns the jobs whose lease is another's now
local lost = {}
for i = 3, #ARGV, 2 do
  local lease = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
  if not lease or lease[2] ~= ARGV[2] or lease[4] ~= tonumber(ARGV[i + 1]) then
    lost[#lost + 1] = ARGV[i]
  else
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  end
end
return lost
