-- What wrk sends. All requests are built before the clock starts, so that drawing one costs
-- wrk next to nothing. From the environment:
--   METHOD   the method
--   PATHS    a file with one path a line
--   TOKEN    the caller's token; may be empty
--   BODY     the body, in JSON; {i} stands for the number of the path; may be empty
--   SHARE    how many of all requests are such, from 0 to 1; the others are GETs of the same paths
--   BEGIN    how much of the order of drawing was drawn already, from 0 to 1, so that several
--            generators do not save the same things at the same time

-- Prime, so that every path is drawn, in an order that looks random.
local STRIDE = 7919

local SHARE = tonumber(os.getenv("SHARE"))

local requests, reads, drawn = {}, {}, 0

function init()
  local method, token, body = os.getenv("METHOD"), os.getenv("TOKEN"), os.getenv("BODY")
  local caller, headers = {}, {}
  if token ~= "" then
    caller["X-Authorization"], headers["X-Authorization"] = token, token
  end
  if body ~= "" then headers["Content-Type"] = "application/json" end
  for path in io.lines(os.getenv("PATHS")) do
    local number = string.format("%06d", #requests)
    local filled = body ~= "" and body:gsub("{i}", number) or nil
    requests[#requests + 1] = wrk.format(method, path, headers, filled)
    if SHARE < 1 then reads[#reads + 1] = wrk.format("GET", path, caller) end
  end
  drawn = STRIDE * math.floor(#requests * tonumber(os.getenv("BEGIN")))
end

function request()
  drawn = drawn + STRIDE
  local from = math.random() < SHARE and requests or reads
  return from[drawn % #requests + 1]
end

-- One line of JSON for the benchmark, told from wrk's own lines by `@@`.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n@@{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
