-- Show nothing more of a reply for a moment: somebody is about to end it, and keeps what was shown.
--
-- KEYS  1 head
-- ARGV  1 for how long (ms); the commit that looked at the reply ends it sooner, see commit.lua
redis.replicate_commands()
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.status_reply('OK') end
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'still', now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[1])
return redis.status_reply('OK')
