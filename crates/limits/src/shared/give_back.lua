-- Takes back orders that were counted but not placed. KEYS: orders in these ten seconds, orders in this day. ARGV: orders
local left = {}
for i = 1, 2 do
    local counted = tonumber(redis.call('GET', KEYS[i]) or 0)
    local back = math.min(counted, tonumber(ARGV[1]))
    if back > 0 then
        redis.call('DECRBY', KEYS[i], back)
    end
    left[i] = counted - back
end
return left
