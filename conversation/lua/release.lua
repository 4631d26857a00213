-- Give jobs of a worker back before their leases end: another worker has them at once.
--
-- Atomic: a job that is given back leaves the stream and joins its end, so that whoever held it is
-- fenced by then. The new entry says how often the job was tried and how many of those attempts
-- were given back: the next one has a higher number, and people are not called in for them.
--
-- KEYS  1 jobs
-- ARGV  1 group  2 worker  3 `all but` or `only`  then jobs
-- returns the jobs given back
local named = {}
for i = 4, #ARGV do named[ARGV[i]] = true end
local AT_MOST = 1000
local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', AT_MOST, ARGV[2])
if held.err then return {} end
local given = {}
for _, lease in ipairs(held) do
  local id = lease[1]
  if (named[id] or false) == (ARGV[3] == 'only') then
    local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
    redis.call('XACK', KEYS[1], ARGV[1], id)
    if entry then
      local job = {}
      for i = 1, #entry[2], 2 do job[entry[2][i]] = entry[2][i + 1] end
      redis.call('XDEL', KEYS[1], id)
      redis.call('XADD', KEYS[1], '*', 'conversation', job.conversation, 'kind', job.kind,
        'ref', job.ref, 'attempt', math.max(lease[4], tonumber(job.attempt or 0)),
        'spared', tonumber(job.spared or 0) + 1)
    end
    given[#given + 1] = id
  end
end
if ARGV[3] == 'all but' and #given == #held and #held < AT_MOST then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])  -- else each end leaves a name
end
return given
