-- Sends the requests of a list one after another, round and round. A line of the list: method, path, cookie, form;
-- separated by tabs. At the end one line of JSON goes to the output.

local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, cookie, form = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
    local headers = { ["Host"] = wrk.headers["Host"], ["Cookie"] = cookie }
    if args[2] ~= "plain" then headers["Accept-Encoding"] = "gzip" end
    if form ~= "" then headers["Content-Type"] = "application/x-www-form-urlencoded" end
    requests[#requests + 1] = wrk.format(method, path, headers, form ~= "" and form or nil)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %f, "bytes": %d, "p50_ms": %f, "p99_ms": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.status, e.connect + e.read + e.write + e.timeout))
end
