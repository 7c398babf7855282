// Package nowhere answers at paths that there are not. In: a request that no route takes. Out: 404 in
// the shape of the vendor whose paths begin so, with what there is below it; everywhere else in
// ours.
package nowhere

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/web"
)

// Handler answers at any path. The document (OpenAPI) says what there is that is no vendor's
// alone; without one that is not told.
func Handler(document []byte) http.Handler {
	documented := sync.OnceValue(func() []string { return paths(document) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shape, refused := ofVendor(r.Method, r.URL.Path)
		if refused == nil {
			shape, refused = dialect.Ours, nothing(r.URL.Path, documented())
		}
		web.Refuse(w, shape, refused)
	})
}

// ofVendor is how the vendor answers whose paths begin as this one does; nil: none has such paths.
// Three share /reports: Freshchat has what is below raw, of the rest ChatBot is asked by GET and
// Drift by POST.
func ofVendor(method, path string) (dialect.Shape, *dialect.Refusal) {
	switch {
	case below("/api", path):
		return comm100.Nothing(path)
	case below("/v2", path), below("/reports/raw", path):
		return freshchat.Nothing(path)
	case below("/reports", path) && method == http.MethodPost:
		return drift.Nothing(path)
	case below("/reports", path):
		return chatbot.Nothing(path)
	}
	return dialect.Shape{}, nil
}

func below(prefix, path string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// nothing tells the paths that begin as far as possible as this one does.
func nothing(path string, documented []string) *dialect.Refusal {
	r := dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at %s.", dialect.Clip(path))
	for prefix := strings.TrimRight(path, "/"); prefix != "" && r.Known == nil; prefix = prefix[:max(0, strings.LastIndexByte(prefix, '/'))] {
		for _, p := range documented {
			if below(prefix, p) {
				r.Known = append(r.Known, p)
			}
		}
	}
	switch {
	case r.Known != nil:
		r.Detail += fmt.Sprintf(" What there is: %s.", strings.Join(r.Known, ", "))
	case documented != nil:
		r.Detail += " What there is: /, /docs, /openapi.json."
	}
	return r
}

// paths are those that a document describes.
func paths(document []byte) []string {
	if document == nil {
		return nil
	}
	var told struct{ Paths map[string]json.RawMessage }
	if err := json.Unmarshal(document, &told); err != nil {
		panic("nowhere: the OpenAPI document cannot be read: " + err.Error())
	}
	return slices.Sorted(maps.Keys(told.Paths))
}
