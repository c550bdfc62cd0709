-- What wrk sends, by the first argument after --, and one line of JSON with what came of it.
--   (none)          the same request over and over
--   bodies FILE     each line of the file in turn
--   events N MARK   N events a request that nobody sent before: MARK, thread and request make their messageId
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("thread_number", threads)
end

local USERS = 1000

-- The bodies between whose pieces the number of the request has to stand, enough of them to name every user.
local function templates(per, prefix)
  local ret, when = {}, os.date("!%Y-%m-%dT%H:%M:%SZ")
  for from = 0, USERS - 1, per do
    local pieces, start = {}, per > 1 and '{"batch":[' or ""
    for i = from, from + per - 1 do
      pieces[#pieces + 1] = start .. '{"type":"track","userId":"u-' .. i .. '","event":"cart.added","timestamp":"' .. when ..
        '","properties":{"sku":"A-' .. i % 97 .. '","price":19900,"quantity":1,"page":"/p/' .. i % 97 .. '"},"messageId":"' .. prefix .. i .. "-"
      start = '"},'
    end
    pieces[#pieces + 1] = per > 1 and '"}]}' or '"}'
    ret[#ret + 1] = pieces
  end
  return ret
end

local kinds = {}

function kinds.events(per, mark)
  local bodies, count = templates(tonumber(per), mark .. "-" .. thread_number .. "-"), 0
  function request()
    count = count + 1
    return wrk.format("POST", nil, nil, table.concat(bodies[count % #bodies + 1], tostring(count)))
  end
end

function kinds.bodies(file)
  local ready, count = {}, 0
  for line in io.lines(file) do ready[#ready + 1] = wrk.format("POST", nil, nil, line) end
  function request()
    count = count + 1
    return ready[count % #ready + 1]
  end
end

function init(args)
  if args[1] then kinds[args[1]](args[2], args[3]) end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\n{"requests":%d,"us":%d,"failed":%d,"p50_us":%d,"p99_us":%d}\n', summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
