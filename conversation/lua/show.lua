-- Show one frame of a reply being written: append it to the reply buffer and publish it.
--
-- Atomic: the test of epoch, turn and lease with the append and the publish, so that a worker whose
-- turn was taken over or reclaimed cannot show a word. A frame is shown only behind the one before
-- it, for a reply with a hole or without its beginning must never be kept. The buffer is kept out of
-- the AOF, only that a step was begun is in it: after a crash of Redis it is gone, or as short as
-- when the AOF was last rewritten; then the attempt that wrote it is refused, and the turn is
-- written again from the log.
--
-- KEYS  1 head  2 reply  3 reply text  4 jobs
-- ARGV  1 group  2 job  3 worker  4 attempt  5 epoch  6 turn  7 step  8 n, counted from 0 within a
--       step  9 text  10 channel  11 the frame to publish
-- returns n, -1 when the worker may not speak, or -2 while the reply is held still: try again
redis.replicate_commands()
local head = redis.call('HMGET', KEYS[1], 'epoch', 'turn', 'shown', 'still')
if head[1] ~= ARGV[5] or head[2] ~= ARGV[6] then return -1 end
local lease = redis.pcall('XPENDING', KEYS[4], ARGV[1], ARGV[2], ARGV[2], 1)[1]
if not lease or lease[2] ~= ARGV[3] or lease[4] ~= tonumber(ARGV[4]) then return -1 end

if head[4] then
  local now = redis.call('TIME')
  if now[1] * 1000 + math.floor(now[2] / 1000) < tonumber(head[4]) then return -2 end
end

local n = tonumber(ARGV[8])
local place = table.concat({ARGV[6], ARGV[4], ARGV[7]}, '.')
if n == 0 then
  if head[3] == place then return -1 end
  redis.call('HSET', KEYS[1], 'shown', place)
else
  local at = redis.call('HMGET', KEYS[2], 'turn', 'attempt', 'step', 'n')
  if not at[1] or table.concat(at, '.') ~= place .. '.' .. (n - 1) then return -1 end
end

redis.set_repl(redis.REPL_NONE)
if n == 0 then redis.call('DEL', KEYS[3]) end
redis.call('HSET', KEYS[2], 'turn', ARGV[6], 'attempt', ARGV[4], 'step', ARGV[7],
  'epoch', ARGV[5], 'n', n)
redis.call('APPEND', KEYS[3], ARGV[9])
redis.set_repl(redis.REPL_ALL)
redis.call('PUBLISH', ARGV[10], ARGV[11])
return n
