package main

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/storage"
	"chatreports/shared/object/directory"
	"chatreports/shared/tenant"
)

// pages tries the pages, which a cookie opens.
func (a *access) pages() {
	cookie := func(secret string) http.Header {
		return http.Header{"Cookie": {"key=" + base64.RawURLEncoding.EncodeToString([]byte(secret))}}
	}
	shut := map[string]http.Header{
		"no cookie": {}, "a key in the header": {"Authorization": {"Bearer all"}}, "an empty cookie": {"Cookie": {"key="}}, "a cookie that is no base64": {"Cookie": {"key=%%%"}}, "the secret as it is": {"Cookie": {"key=all"}},
		"another cookie": {"Cookie": {"token=" + base64.RawURLEncoding.EncodeToString([]byte("all"))}}, "a wrong key": cookie("nobody"), "a revoked key": cookie("revoked"), "another tenant's key": cookie("other"), "a key's id": cookie("key-of-acme"),
	}
	for _, scope := range tenant.Scopes() {
		if scope != tenant.ReportsRead {
			shut["only-"+scope] = cookie("only-" + scope)
		}
	}
	const chat = "/dashboard/chat?id=chat-7"
	targets := []string{
		"/", chat, "/dashboard/live?page=/", "/dashboard/live?page=/dashboard/exports", "/dashboard/rows?report=chatVolume&measure=chats&timeFrom=2026-03-02T00:00:00&timeTo=2026-03-03T00:00:00", "/dashboard/table?report=chatVolume&timeFrom=2026-03-02T00:00:00&timeTo=2026-03-03T00:00:00",
		"/dashboard/agents", "/dashboard/departments", "/dashboard/queues", "/dashboard/satisfaction", "/dashboard/bots", "/dashboard/conversions", "/dashboard/exports", "/dashboard/data", "/dashboard/nowhere",
	}
	for who, header := range shut {
		for _, target := range targets {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
				status, body, _ := a.ask(method, target, credential{}, header, "")
				asked := strings.Contains(body, `name="key"`) || status >= 400 || method == "HEAD" || who == "another tenant's key"
				a.tried(asked && !strings.Contains(body, mark), method, target, who, status, body)
			}
		}
	}
	status, body, _ := a.ask("GET", chat, credential{}, cookie("only-"+tenant.ReportsRead), "")
	a.tried(status == http.StatusOK && strings.Contains(body, mark), "GET", chat, "its key", status, body)
	for secret, want := range map[string]int{"": 401, "nobody": 401, "revoked": 401, "key-of-acme": 401, "only-" + tenant.EventsWrite: 403, "only-" + tenant.ReportsRead: 303} {
		status, body, header := a.ask("POST", "/dashboard/sign-in", credential{}, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "key="+url.QueryEscape(secret))
		a.tried(status == want && (header.Get("Set-Cookie") != "") == (want == 303), "POST", "/dashboard/sign-in", secret, status, body)
	}
}

// links tries public links, and links to files.
func (a *access) links() {
	tokens := map[string]string{
		"revoked": a.revoked, "expired": a.expired, "another tenant's": a.alien, "an id": a.spare, "a key": "all", "nothing": "", "altered": string(a.alive[0]^1) + a.alive[1:], "longer": a.alive + "A",
		"shorter": a.alive[1:], "in small letters": strings.ToLower(a.alive), "more path": a.alive + "/links", "another path": a.alive + "/../../v1/exports/agents", "twice": a.alive + "/" + a.alive, "a slash": a.alive + "/",
	}
	try := func(right func(status int, body string) bool, method, target, who string) {
		for _, key := range []string{"", "Bearer nobody", "Bearer all", "Bearer other"} {
			status, body, _ := a.ask(method, target, credential{header: key}, nil, "")
			if key == "Bearer all" && !strings.HasPrefix(target, "/public/") && !strings.HasPrefix(target, directory.Path) {
				continue // the key opens it
			}
			a.tried(right(status, body), method, target, who+", "+key, status, body)
		}
	}
	shut := func(status int, body string) bool {
		return !strings.Contains(body, mark) && status >= 400 && status < 500
	}
	for who, token := range tokens {
		right := shut
		if token == a.alien { // it is good, and shows what is that tenant's
			right = func(status int, body string) bool { return status == http.StatusOK && !strings.Contains(body, mark) }
		}
		try(right, "GET", "/public/"+token, who)
	}
	opens := func(status int, body string) bool { return status == http.StatusOK && strings.Contains(body, mark) }
	try(opens, "GET", "/public/"+a.alive, "its token")
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		try(shut, method, "/public/"+a.alive, "its token")
		try(shut, method, a.file, "its link")
	}
	for _, target := range []string{"/public/" + a.alive + "?format=jsonl", "/public/" + a.alive + "?from=2020-01-01"} { // a link is for what it was made for
		try(shut, "GET", target, "its token")
	}
	for _, target := range []string{"/public//" + a.alive, "/v1/exports/agents/" + a.alive, "/v1/exports//", "/v1/exports/agents/links/" + a.alive, "/v1/exports/" + a.alive} {
		try(shut, "GET", target, "a token elsewhere")
	}
	a.files(try, shut)
}

// files tries links to files: of what a job made, and of what lies beside it.
func (a *access) files(try func(right func(int, string) bool, method, target, who string), shut func(int, string) bool) {
	store := func(now time.Time) *directory.Store {
		s, err := directory.Open(storage.Files(a.data), func() time.Time { return now })
		if err != nil {
			a.t.Fatal(err)
		}
		return s
	}
	u, err := url.Parse(a.file)
	if err != nil {
		a.t.Fatal(err)
	}
	key, with := strings.TrimPrefix(u.Path, directory.Path), func(path, name, value string) string {
		q := u.Query()
		q.Set(name, value)
		return path + "?" + q.Encode()
	}
	expired, err := store(time.Now().Add(-2*time.Hour)).Link(a.t.Context(), key, u.Query().Get("name"), time.Hour)
	if err != nil {
		a.t.Fatal(err)
	}
	elsewhere, err := directory.Open(a.t.TempDir(), time.Now)
	if err != nil {
		a.t.Fatal(err)
	}
	forged, err := elsewhere.Link(a.t.Context(), key, u.Query().Get("name"), time.Hour)
	if err != nil {
		a.t.Fatal(err)
	}
	other := strings.Replace(u.Path, "/acme/", "/other/", 1)
	gone := strings.Replace(key, a.job, "1ac520cf-b1a4-4741-8b01-e383563ae402", 1)
	deleted, err := store(time.Now()).Link(a.t.Context(), gone, "x", time.Hour)
	if err != nil {
		a.t.Fatal(err)
	}
	try(func(status int, body string) bool { return status == http.StatusOK && strings.Contains(body, mark) }, "GET", a.file, "its link")
	for who, target := range map[string]string{
		"expired": expired, "signed by another system": forged, "of a file that is deleted": deleted, "without a signature": u.Path, "of another tenant's file": with(other, "name", u.Query().Get("name")),
		"another expiry": with(u.Path, "expires", "9999999999"), "another name": with(u.Path, "name", "x.csv"), "no signature": with(u.Path, "signature", ""), "another signature": with(u.Path, "signature", strings.Repeat("0", 64)),
		"the folder": directory.Path, "beside it": directory.Path + "../links.key", "above it": directory.Path + "%2e%2e/%2e%2e/db",
	} {
		try(shut, "GET", target, who)
	}
}

// webhooks tries what vendors post, signed in their ways.
func (a *access) webhooks() {
	for _, vendor := range tenant.Providers() {
		body, err := payload.Example(vendor, time.Now().UnixMilli())
		if err != nil {
			a.t.Fatal(err)
		}
		signed, err := payload.Sign(vendor, payload.DemoSecret(vendor), body, time.Now())
		if err != nil {
			a.t.Fatal(err)
		}
		post := func(right []int, id, who string, header http.Header, query url.Values, body []byte) {
			target := "/v1/webhooks/" + id + "?" + query.Encode()
			status, answer, _ := a.ask("POST", target, credential{}, header, string(body))
			a.tried(slices.Contains(right, status), "POST", target, who, status, answer)
		}
		refused, id := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound}, payload.DemoID(vendor)
		post(refused, id, "nothing", nil, nil, body)
		post(refused, id, "a key", http.Header{"Authorization": {"Bearer all"}}, nil, body)
		post(refused, "nowhere", "no webhook of that id", signed.Header, signed.Query, signed.Body)
		if vendor != tenant.Freshchat { // the other tenant has none
			post(refused, "others-"+vendor, "another tenant's secret", signed.Header, signed.Query, signed.Body)
			wrong, err := payload.Sign(vendor, otherSecret, body, time.Now())
			if err != nil {
				a.t.Fatal(err)
			}
			post(refused, id, "another secret", wrong.Header, wrong.Query, wrong.Body)
		}
		if vendor == tenant.Freshchat || vendor == tenant.Standard { // the others' secret covers no body
			post(refused, id, "an altered body", signed.Header, signed.Query, append([]byte(" "), signed.Body...))
		}
		if vendor == tenant.Standard {
			old, err := payload.Sign(vendor, payload.DemoSecret(vendor), body, time.Now().Add(-time.Hour))
			if err != nil {
				a.t.Fatal(err)
			}
			post(refused, id, "a signature an hour old", old.Header, old.Query, old.Body)
		}
		post([]int{http.StatusOK, http.StatusAccepted, http.StatusNoContent}, id, "its secret", signed.Header, signed.Query, signed.Body)
	}
}
