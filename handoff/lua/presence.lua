-- Note that somebody is at work at one place, or is not any more, and how they say they are.
--
-- Atomic: a person has one status, whichever of their consoles says it, and is here as long as any
-- place holds a lease. Who comes while no place holds one is away until they say otherwise.
--
-- KEYS  1 presence
-- ARGV  1 staff  2 place  3 now (ms)  4 the lease's end (ms), or 0 to give it up  5 status, or empty
-- returns the status
local raw = redis.call('HGET', KEYS[1], ARGV[1])
local known = raw and cjson.decode(raw) or {status = 'away', leases = {}}
local entry, here = {status = known.status, leases = {}}, false
for place, ends in pairs(known.leases) do
  if ends > tonumber(ARGV[3]) then
    here = true
    entry.leases[place] = ends
  end
end
if ARGV[5] ~= '' then
  entry.status = ARGV[5]
elseif not here then
  entry.status = 'away'
end
if ARGV[4] == '0' then
  entry.leases[ARGV[2]] = nil
else
  entry.leases[ARGV[2]] = tonumber(ARGV[4])
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(entry))
return entry.status
