-- Take over jobs whose worker fell silent; each is a new attempt.
--
-- Atomic: who is silent with the taking over, so that two who look at once never share a job.
--
-- KEYS  1 jobs
-- ARGV  1 group  2 worker  3 silent for at least (ms)  4 at most
-- returns {job, attempt, {field, value, …}} of each, or nil when there is no such group
local silent = redis.pcall('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4])
if silent.err then return nil end
local taken = {}
for _, lease in ipairs(silent) do
  local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], lease[1])[1]
  if entry then taken[#taken + 1] = {lease[1], lease[4] + 1, entry[2]} end
end
return taken
