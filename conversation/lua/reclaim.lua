-- Take over jobs whose worker fell silent; each is a new attempt.
--
-- Atomic: who is silent with the taking over, so that two who look at once never share a job. A job
-- that was given back knows of attempts that its new lease does not.
--
-- KEYS  1 jobs
-- ARGV  1 group  2 worker  3 silent for at least (ms)  4 at most  then jobs that are left to others
-- returns {job, attempt, {field, value, …}} of each, or nil when there is no such group
local left = {}
for i = 5, #ARGV do left[ARGV[i]] = true end
local most = tonumber(ARGV[4])
local silent = redis.pcall('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+',
  most + #ARGV - 4)
if silent.err then return nil end
local taken = {}
for _, lease in ipairs(silent) do
  local id = lease[1]
  local entry = #taken < most and not left[id]
    and redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], id)[1]
  if entry then
    local fields, before = entry[2], lease[4]
    for i = 1, #fields, 2 do
      if fields[i] == 'attempt' then before = math.max(before, tonumber(fields[i + 1])) end
    end
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'RETRYCOUNT', before + 1, 'JUSTID')
    taken[#taken + 1] = {id, before + 1, fields}
  end
end
return taken
