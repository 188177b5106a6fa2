-- Adds weight that turned out afterwards. KEYS: weight used in this minute. ARGV: weight
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
if used == tonumber(ARGV[1]) then
    redis.call('EXPIRE', KEYS[1], 120)
end
return used
