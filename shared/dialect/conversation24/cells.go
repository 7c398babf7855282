package conversation24

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"chatreports/shared/extract"
	"chatreports/shared/tenant"
)

// seconds writes a length in whole seconds, rounded down. One that would be negative,
// since what ends it was told for an earlier time, is none.
func seconds(ms int64) string { return strconv.FormatInt(max(0, ms)/1000, 10) }

func whole(n int) string { return strconv.Itoa(n) }

// ratio writes a quotient with two places, half up; of nothing it is empty.
func ratio(a, by int64) string {
	if by == 0 {
		return ""
	}
	return big.NewRat(a, by).FloatString(2)
}

// short is a ratio without zeros at its end.
func short(a, by int64) string {
	s := ratio(a, by)
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func truth(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// accountOf is the account of an entity: its own, else the tenant's id.
func accountOf(t *tenant.Tenant, names extract.Names, kind, id string) string {
	return cmp.Or(own(names, kind, id), t.ID)
}

// websiteAccount is the account of a website: the host's, else the campaign's, else the
// tenant's id.
func websiteAccount(t *tenant.Tenant, names extract.Names, host, campaign string) string {
	return cmp.Or(own(names, "host", host), own(names, "campaign", campaign), t.ID)
}

func own(names extract.Names, kind, id string) string {
	if id == "" {
		return ""
	}
	return text(names.Entry(kind, id).AccountID)
}

// accountName is an account's name, which is known of the tenant's own only.
func accountName(t *tenant.Tenant, account string) string {
	if account == t.ID {
		return t.Name
	}
	return ""
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
