package gateway

import (
	"strings"

	"chatreports/infra/local/stack"
)

// route is one route with the function behind it.
type route struct {
	stack.Route
	segments []string
	function Function
}

// routes finds a request's route as API Gateway's HTTP APIs do: the most specific
// one; a name in braces takes one segment, {name+} at the end takes all that follow.
type routes []route

func routesOf(functions map[string]Function) (rs routes) {
	for _, f := range functions {
		for _, r := range f.Routes {
			rs = append(rs, route{Route: r, function: f, segments: strings.Split(strings.TrimPrefix(r.Path, "/"), "/")})
		}
	}
	return rs
}

func (rs routes) find(method, path string) (best *route, parameters map[string]string) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	var bestRank int
	for i := range rs {
		r := &rs[i]
		if r.Method != "ANY" && r.Method != method {
			continue
		}
		p, rank, ok := r.match(segments)
		if !ok {
			continue
		}
		if r.Method != "ANY" {
			rank++
		}
		if best == nil || rank > bestRank {
			best, bestRank, parameters = r, rank, p
		}
	}
	return best, parameters
}

// match says whether the route takes the path, and how specific it is.
func (r *route) match(path []string) (parameters map[string]string, rank int, ok bool) {
	if r.Path == stack.DefaultPath {
		return nil, 0, true
	}
	for i, s := range r.segments {
		name, isName := strings.CutPrefix(s, "{")
		name = strings.TrimSuffix(name, "}")
		switch {
		case isName && strings.HasSuffix(name, "+"):
			if len(path) <= i || path[i] == "" {
				return nil, 0, false
			}
			return with(parameters, strings.TrimSuffix(name, "+"), strings.Join(path[i:], "/")), rank + 2, true
		case len(path) <= i || !isName && path[i] != s:
			return nil, 0, false
		case isName:
			parameters = with(parameters, name, path[i])
			rank += 1000
		default:
			rank += 1001
		}
	}
	return parameters, rank + 1_000_000, len(path) == len(r.segments)
}

func with(m map[string]string, k, v string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[k] = v
	return m
}
