-- wrk -s rotate.lua URL -- STATUS [FILE FIRST]: sends the lines of FILE, which are headers, one a request, in turn from the one
-- after FIRST on, and counts the answers that have another status than STATUS. Prints one line of JSON at the end; times are milliseconds.
local requests = {}
local last = 0
unexpected = 0

function setup(thread)
  worker = thread
end

function init(args)
  local expected = tonumber(args[1])
  if args[2] then
    for line in io.lines(args[2]) do
      local name, value = line:match('^([^:]+): (.*)$')
      requests[#requests + 1] = wrk.format(nil, nil, { [name] = value })
    end
    last = tonumber(args[3])
  else
    requests[1] = wrk.format()
  end
  function response(status)
    if status ~= expected then unexpected = unexpected + 1 end
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format('{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"unexpected":%d,"broken":%d}', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, worker:get('unexpected'), broken))
end
