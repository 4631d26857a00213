-- Take over what was found out about entries, each only if nobody has changed it meanwhile.
--
-- KEYS  1 what was spent, see reserve.lua
-- ARGV  three for each entry: 1 its id  2 the entry as it was read  3 as it is now, empty: it counts
--       no more
for i = 1, #ARGV, 3 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    if ARGV[i + 2] == '' then
      redis.call('HDEL', KEYS[1], ARGV[i])
    else
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    end
  end
end
return redis.status_reply('OK')
