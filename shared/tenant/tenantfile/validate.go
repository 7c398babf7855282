package tenantfile

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"chatreports/shared/custommetric"
	"chatreports/shared/iana"
	"chatreports/shared/schedule"
	"chatreports/shared/schedule/reports"
	"chatreports/shared/tenant"
)

// names is what ids of tenants, keys, webhooks and metrics look like.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// validate checks what a type cannot say and makes the file's entries.
func (d *document) validate() (tenant.File, error) {
	var file tenant.File
	tenants, secrets, webhooks := map[string]int{}, map[string]int{}, map[string]string{}
	if len(d.Tenants) == 0 {
		return file, errors.New("there is no tenant in the file; add one under 'tenants:', such as '- id: acme'")
	}
	for i := range d.Tenants {
		e := &d.Tenants[i]
		t, err := e.settings()
		if err == nil {
			err = e.checkKeys(secrets)
		}
		if err == nil {
			err = e.checkWebhooks(webhooks)
		}
		if err == nil {
			err = e.checkSchedules(&t)
		}
		if first, twice := tenants[e.ID]; err == nil && twice {
			err = e.wrong(fmt.Errorf("id is the same as on line %d; give each tenant its own", first), "id")
		}
		if err != nil {
			at := e.node.Line
			if inner, ok := errors.AsType[*lineError](err); ok {
				at = inner.line
			}
			return tenant.File{}, fmt.Errorf("line %d: tenant %q: %w", at, clip(e.ID), err)
		}
		tenants[e.ID] = e.node.Line
		out := tenant.Entry{Tenant: t}
		for _, k := range e.Keys {
			out.Keys = append(out.Keys, tenant.Key{ID: k.ID, Secret: k.Secret, Scopes: k.Scopes})
		}
		file.Entries = append(file.Entries, out)
	}
	return file, nil
}

// lineError is an error at a line of its own inside a tenant.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return e.err.Error() }

func (e *lineError) Unwrap() error { return e.err }

// wrong puts an error at a place inside the tenant; see line.
func (e *entry) wrong(err error, path ...any) error {
	if err == nil {
		return nil
	}
	return &lineError{line(e.node, path...), err}
}

func checkID(id string) error {
	switch {
	case id == "":
		return errors.New("id is required")
	case !names.MatchString(id):
		return fmt.Errorf("id is %q; use up to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit", clip(id))
	}
	return nil
}

func (e *entry) settings() (tenant.Tenant, error) {
	t := tenant.Tenant{
		ID: e.ID, Name: e.Name, Zone: cmp.Or(e.Zone, "UTC"), Edition: cmp.Or(e.Edition, tenant.Enterprise),
		AutoAllocation: e.AutoAllocation == nil || *e.AutoAllocation, Chatbot: e.Chatbot == nil || *e.Chatbot,
		Holidays: e.Holidays, CustomMetrics: e.CustomMetrics, Links: e.Links, Origins: e.Origins, Webhooks: e.Webhooks, Schedules: e.Schedules,
	}
	if err := e.wrong(checkID(t.ID), "id"); err != nil {
		return t, err
	}
	if reserved := tenant.ReservedIDs(); slices.Contains(reserved, t.ID) {
		return t, e.wrong(fmt.Errorf("id is reserved, as are %s; choose another", quoted(reserved)), "id")
	}
	if _, err := iana.Zone(t.Zone); err != nil {
		return t, e.wrong(fmt.Errorf("zone is %q; it should be an IANA name such as Europe/Berlin", t.Zone), "zone")
	}
	if t.Edition != tenant.Enterprise && t.Edition != tenant.Business {
		return t, e.wrong(fmt.Errorf("edition is %q; it should be 'enterprise' or 'business'", t.Edition), "edition")
	}
	week, err := e.week()
	if err != nil {
		return t, err
	}
	t.BusinessHours = week
	for i, day := range t.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return t, e.wrong(fmt.Errorf("holidays has %q; it should be a date such as \"2026-12-25\"", day), "holidays", i)
		}
	}
	for i, origin := range t.Origins {
		if u, err := url.Parse(origin); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || origin != strings.ToLower(u.Scheme+"://"+u.Host) {
			return t, e.wrong(fmt.Errorf("origins has %q; it should be as browsers send it, such as https://bi.example.com, without a path", clip(origin)), "origins", i)
		}
	}
	if t.KeepPayloads, err = e.keepPayloads(); err != nil {
		return t, err
	}
	return t, e.checkMetrics()
}

// keepPayloads reads for how many days payloads are kept; nil: as is usual.
func (e *entry) keepPayloads() (*int, error) {
	if e.KeepPayloads == nil {
		return nil, nil
	}
	days, err := strconv.Atoi(*e.KeepPayloads)
	if known := append([]int{0}, tenant.PayloadDays()...); err != nil || !slices.Contains(known, days) {
		return nil, e.wrong(fmt.Errorf("keepPayloads is %q; it should be a number of days: one of %s", clip(*e.KeepPayloads), strings.Trim(fmt.Sprint(known), "[]")), "keepPayloads")
	}
	return &days, nil
}

func (e *entry) checkMetrics() error {
	seen := map[string]bool{}
	for i, m := range e.CustomMetrics {
		fail := func(field string, err error) error {
			return e.wrong(fmt.Errorf("customMetrics: %w", err), "customMetrics", i, field)
		}
		if err := checkID(m.ID); err != nil {
			return fail("id", err)
		}
		if seen[m.ID] {
			return fail("id", fmt.Errorf("id %q is there twice; give each its own", m.ID))
		}
		if seen[m.ID] = true; strings.TrimSpace(m.Expression) == "" {
			return fail("expression", fmt.Errorf("%q has no expression; add one", m.ID))
		}
		if _, err := custommetric.Compile(m.Expression); err != nil {
			return fail("expression", fmt.Errorf("the expression of %q is wrong %w", m.ID, err))
		}
	}
	return nil
}

// week reads the business hours.
func (e *entry) week() (tenant.Week, error) {
	if e.BusinessHours == nil {
		return nil, nil
	}
	week := tenant.Week{}
	for _, day := range slices.Sorted(maps.Keys(e.BusinessHours)) {
		if !slices.Contains(tenant.Days(), day) {
			return nil, e.wrong(fmt.Errorf("businessHours has %q; the days are %s", day, quoted(tenant.Days())), "businessHours", day)
		}
		var spans []tenant.Span
		for i, text := range e.BusinessHours[day] {
			from, to, _ := strings.Cut(text, "-")
			f, okFrom := minutes(from)
			u, okTo := minutes(to)
			if !okFrom || !okTo || f >= u {
				return nil, e.wrong(fmt.Errorf("businessHours: %s has %q; it should be such as \"09:00-17:00\", the end after the beginning", day, text), "businessHours", day, i)
			}
			spans = append(spans, tenant.Span{From: f, To: u})
		}
		slices.SortFunc(spans, func(a, b tenant.Span) int { return a.From - b.From })
		for i := 1; i < len(spans); i++ {
			if spans[i].From < spans[i-1].To {
				return nil, e.wrong(fmt.Errorf("businessHours: hours of %s overlap; make one of them", day), "businessHours", day)
			}
		}
		week[day] = spans
	}
	return week, nil
}

// minutes reads HH:MM; 24:00 is the end of a day.
func minutes(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == len("15:04")
}

// checkKeys checks the keys of one tenant; secrets holds the lines of those seen.
func (e *entry) checkKeys(secrets map[string]int) error {
	ids := map[string]bool{}
	for _, k := range e.Keys {
		fail := func(field, format string, args ...any) error {
			return &lineError{line(k.node, field), fmt.Errorf("key %q: %w", clip(k.ID), fmt.Errorf(format, args...))}
		}
		if err := checkID(k.ID); err != nil {
			return fail("id", "%w", err)
		}
		if ids[k.ID] {
			return fail("id", "id is there twice; give each key its own")
		}
		ids[k.ID] = true
		switch {
		case k.Secret == "":
			return fail("secret", "secret is required")
		case len(k.Secret) > tenant.MaxSecretBytes:
			return fail("secret", "secret has more than %d bytes; shorten it", tenant.MaxSecretBytes)
		case strings.ContainsFunc(k.Secret, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
			return fail("secret", "secret has spaces or control characters; it has to fit into a header")
		case len(k.Scopes) == 0:
			return fail("scopes", "scopes is required; choose from %s", quoted(tenant.Scopes()))
		}
		if line, twice := secrets[k.Secret]; twice {
			return fail("secret", "secret is the same as that of the key on line %d; give each key its own", line)
		}
		secrets[k.Secret] = k.node.Line
		for _, s := range k.Scopes {
			if !slices.Contains(tenant.Scopes(), s) {
				return fail("scopes", "unknown scope %q; choose from %s", s, quoted(tenant.Scopes()))
			}
		}
	}
	return nil
}

// tokens say what the token of a provider is.
var tokens = map[string]string{
	tenant.Drift:    "which Drift sends with every call",
	tenant.ChatBot:  "which is entered in ChatBot, and stands in the address",
	tenant.LiveChat: "the secret key of the webhook, which LiveChat sends with every call",
	tenant.Comm100:  "which stands in the address: nothing else protects it",
	tenant.Standard: "the secret that signs: whsec_ followed by base64",
}

// checkWebhooks checks the webhooks of one tenant. Their ids are part of the
// address that a vendor calls, so no two tenants may share one.
func (e *entry) checkWebhooks(owners map[string]string) error {
	for i, w := range e.Webhooks {
		fail := func(field, format string, args ...any) error {
			return e.wrong(fmt.Errorf("webhooks: "+format, args...), "webhooks", i, field)
		}
		if err := checkID(w.ID); err != nil {
			return fail("id", "%w", err)
		}
		if owner, twice := owners[w.ID]; twice {
			return fail("id", "id %q is also in tenant %q; webhook ids are unique over all tenants", w.ID, owner)
		}
		owners[w.ID] = e.ID
		switch {
		case !slices.Contains(tenant.Providers(), w.Provider):
			return fail("provider", "%q has provider %q; choose from %s", w.ID, w.Provider, quoted(tenant.Providers()))
		case w.Provider == tenant.Freshchat && w.PublicKey == "":
			return fail("publicKey", "%q needs publicKey, which Freshchat shows beside the webhook", w.ID)
		case w.Provider != tenant.Freshchat && w.Token == "":
			return fail("token", "%q needs token, %s", w.ID, tokens[w.Provider])
		}
	}
	return nil
}

// mostSchedules is how many schedules one tenant may have: each is looked at every minute.
const mostSchedules = 100

// checkSchedules checks the schedules of one tenant, whose settings are right.
func (e *entry) checkSchedules(t *tenant.Tenant) error {
	if len(e.Schedules) > mostSchedules {
		return e.wrong(fmt.Errorf("there are %d schedules; at most %d are possible", len(e.Schedules), mostSchedules), "schedules", mostSchedules)
	}
	known, seen := reports.All(nil, nil), map[string]bool{}
	for i := range t.Schedules {
		s := &t.Schedules[i]
		err := checkID(s.ID)
		if err == nil && seen[s.ID] {
			err = fmt.Errorf("id %q is there twice; give each its own", s.ID)
		}
		if err != nil {
			return e.wrong(fmt.Errorf("schedules: %w", err), "schedules", i, "id")
		}
		seen[s.ID] = true
		if err := schedule.Check(known, t, s); err != nil {
			field := "id"
			if wrong, ok := errors.AsType[*schedule.FieldError](err); ok {
				field = wrong.Field
			}
			return e.wrong(fmt.Errorf("schedules: %w", err), "schedules", i, field)
		}
	}
	return nil
}
