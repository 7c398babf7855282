package tenantfile

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"chatreports/shared/custommetric"
	"chatreports/shared/tenant"
)

// names is what ids of tenants, keys, webhooks and metrics look like.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// reserved ids are the beginnings of parts in the state table that are no tenant's.
var reserved = []string{"key", "logs", "tenants"}

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
		if first, twice := tenants[e.ID]; err == nil && twice {
			err = fmt.Errorf("id is the same as on line %d; give each tenant its own", first)
		}
		if err != nil {
			line := e.line
			if at, ok := errors.AsType[*lineError](err); ok {
				line = at.line
			}
			return tenant.File{}, fmt.Errorf("line %d: tenant %q: %w", line, e.ID, err)
		}
		tenants[e.ID] = e.line
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
	text string
}

func (e *lineError) Error() string { return e.text }

func checkName(field, name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%s is required", field)
	case !names.MatchString(name):
		return fmt.Errorf("%s is %q; use up to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit", field, name)
	}
	return nil
}

func (e *entry) settings() (tenant.Tenant, error) {
	t := tenant.Tenant{
		ID: e.ID, Name: e.Name, Zone: cmp.Or(e.Zone, "UTC"), Edition: cmp.Or(e.Edition, tenant.Enterprise),
		AutoAllocation: e.AutoAllocation == nil || *e.AutoAllocation, Chatbot: e.Chatbot == nil || *e.Chatbot,
		Holidays: e.Holidays, CustomMetrics: e.CustomMetrics, Links: e.Links, Webhooks: e.Webhooks,
	}
	if err := checkName("id", t.ID); err != nil {
		return t, err
	}
	if slices.Contains(reserved, t.ID) {
		return t, fmt.Errorf("id is reserved, as are %s; choose another", quoted(reserved))
	}
	if _, err := time.LoadLocation(t.Zone); err != nil || t.Zone == "Local" {
		return t, fmt.Errorf("zone is %q; it should be an IANA name such as Europe/Berlin", t.Zone)
	}
	if t.Edition != tenant.Enterprise && t.Edition != tenant.Business {
		return t, fmt.Errorf("edition is %q; it should be 'enterprise' or 'business'", t.Edition)
	}
	week, err := parseWeek(e.BusinessHours)
	if err != nil {
		return t, err
	}
	t.BusinessHours = week
	for _, day := range t.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return t, fmt.Errorf("holidays has %q; it should be a date such as \"2026-12-25\"", day)
		}
	}
	seen := map[string]bool{}
	for _, m := range t.CustomMetrics {
		if err := checkName("customMetrics: id", m.ID); err != nil {
			return t, err
		}
		if seen[m.ID] {
			return t, fmt.Errorf("customMetrics: id %q is there twice; give each its own", m.ID)
		}
		if seen[m.ID] = true; strings.TrimSpace(m.Expression) == "" {
			return t, fmt.Errorf("customMetrics: %q has no expression; add one", m.ID)
		}
		if _, err := custommetric.Compile(m.Expression); err != nil {
			return t, fmt.Errorf("customMetrics: the expression of %q is wrong %w", m.ID, err)
		}
	}
	return t, nil
}

func parseWeek(hours map[string][]string) (tenant.Week, error) {
	if hours == nil {
		return nil, nil
	}
	week := tenant.Week{}
	for day, texts := range hours {
		if !slices.Contains(tenant.Days(), day) {
			return nil, fmt.Errorf("businessHours has %q; the days are %s", day, quoted(tenant.Days()))
		}
		var spans []tenant.Span
		for _, text := range texts {
			from, to, _ := strings.Cut(text, "-")
			f, okFrom := minutes(from)
			u, okTo := minutes(to)
			if !okFrom || !okTo || f >= u {
				return nil, fmt.Errorf("businessHours: %s has %q; it should be such as \"09:00-17:00\", the end after the beginning", day, text)
			}
			spans = append(spans, tenant.Span{From: f, To: u})
		}
		slices.SortFunc(spans, func(a, b tenant.Span) int { return a.From - b.From })
		for i := 1; i < len(spans); i++ {
			if spans[i].From < spans[i-1].To {
				return nil, fmt.Errorf("businessHours: hours of %s overlap; make one of them", day)
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
		fail := func(format string, args ...any) error {
			return &lineError{k.line, fmt.Sprintf("key %q: ", k.ID) + fmt.Sprintf(format, args...)}
		}
		if err := checkName("id", k.ID); err != nil {
			return fail("%v", err)
		}
		if ids[k.ID] {
			return fail("id is there twice; give each key its own")
		}
		ids[k.ID] = true
		switch {
		case k.Secret == "":
			return fail("secret is required")
		case len(k.Secret) > tenant.MaxSecretBytes:
			return fail("secret has more than %d bytes; shorten it", tenant.MaxSecretBytes)
		case strings.ContainsFunc(k.Secret, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
			return fail("secret has spaces or control characters; it has to fit into a header")
		case len(k.Scopes) == 0:
			return fail("scopes is required; choose from %s", quoted(tenant.Scopes()))
		}
		if line, twice := secrets[k.Secret]; twice {
			return fail("secret is the same as that of the key on line %d; give each key its own", line)
		}
		secrets[k.Secret] = k.line
		for _, s := range k.Scopes {
			if !slices.Contains(tenant.Scopes(), s) {
				return fail("unknown scope %q; choose from %s", s, quoted(tenant.Scopes()))
			}
		}
	}
	return nil
}

// checkWebhooks checks the webhooks of one tenant. Their ids are part of the
// address that a vendor calls, so no two tenants may share one.
func (e *entry) checkWebhooks(owners map[string]string) error {
	for _, w := range e.Webhooks {
		if err := checkName("webhooks: id", w.ID); err != nil {
			return err
		}
		if owner, twice := owners[w.ID]; twice {
			return fmt.Errorf("webhooks: id %q is also in tenant %q; webhook ids are unique over all tenants", w.ID, owner)
		}
		owners[w.ID] = e.ID
		switch {
		case w.Provider != tenant.Freshchat && w.Provider != tenant.Drift:
			return fmt.Errorf("webhooks: %q has provider %q; it should be 'freshchat' or 'drift'", w.ID, w.Provider)
		case w.Provider == tenant.Freshchat && w.PublicKey == "":
			return fmt.Errorf("webhooks: %q needs publicKey, which Freshchat shows beside the webhook", w.ID)
		case w.Provider == tenant.Drift && w.Token == "":
			return fmt.Errorf("webhooks: %q needs token, which Drift sends with every call", w.ID)
		}
	}
	return nil
}
