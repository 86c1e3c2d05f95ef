-- Load for wrk. Arguments after `--`: mode, file, and for `chain` method, path, content type, body before and after the token.
--   list   every line of the file is one request: method <tab> path <tab> name: value|name: value <tab> body
--   unique like list, but @N@ in the body becomes a number that was never used before
--   chain  every line of the file is a refresh token; the one in each answer is the next
local mode, requests, queue, first, last, count, seed, chain

local function split(line)
  local method, path, headers, body = line:match('^([^\t]*)\t([^\t]*)\t([^\t]*)\t?(.*)$')
  local map = {}
  for name, value in headers:gmatch('([^:|]+): ([^|]*)') do map[name] = value end
  return method, path, map, body ~= '' and body or nil
end

function init(args)
  mode = args[1]
  requests, queue, first, last, count = {}, {}, 1, 0, 0
  math.randomseed(os.time())
  seed = tostring(os.time() % 1000000) .. tostring(math.random(1000, 9999))
  for line in io.lines(args[2]) do
    if mode == 'chain' then
      last = last + 1
      queue[last] = line
    elseif mode == 'unique' then
      local method, path, headers, body = split(line)
      requests[#requests + 1] = { method, path, headers, body }
    else
      requests[#requests + 1] = wrk.format(split(line))
    end
  end
  if mode == 'chain' then
    chain = { method = args[3], path = args[4], before = args[6], after = args[7], headers = { ['content-type'] = args[5] } }
  else
    response = nil
  end
end

function request()
  count = count + 1
  if mode == 'list' then return requests[(count - 1) % #requests + 1] end
  if mode == 'unique' then
    local one = requests[(count - 1) % #requests + 1]
    return wrk.format(one[1], one[2], one[3], (one[4]:gsub('@N@', seed .. count)))
  end
  local token = queue[first]
  if token == nil then token = 'none-left' else queue[first] = nil first = first + 1 end
  return wrk.format(chain.method, chain.path, chain.headers, chain.before .. token .. chain.after)
end

function response(status, headers, body)
  if status ~= 200 then return end
  local token = body:match('"refresh_token":%s*"([^"]+)"')
  if token then
    last = last + 1
    queue[last] = token
  end
end

function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  ))
end
