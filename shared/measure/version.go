package measure

import (
	"fmt"

	"chatreports/shared/fact"
)

// Version is a version of what facts contribute. Counters are sums of contributions, and a
// fact that changes takes back what it had contributed: so all that is kept of a tenant must
// have been counted by one version, or by versions that know what the earlier ones counted.
type Version struct {
	// Number grows by one with every change of what any fact contributes, and of the series
	// that anything is kept for, and where it is kept if an older version would not find it
	// there. 0 is all there was before versions were noted; since 2 documents are held back
	// from blocks, since 3 there are first responses, and waits and ratings by campaign, since 4
	// documents are in no bundle of the log and in no detail.
	Number uint32
	// Oldest is the oldest version that this one goes on from: it knows what that one, and
	// all since, had each fact contribute (see Since). What an older one counted is to be
	// built anew.
	Oldest uint32
	// Alter changes each contribution; nil: it does not. It is how tests make a version.
	Alter func(*Contribution)
}

// Current is the version of this code. A test says when it must grow.
var Current = Version{Number: 4}

// Of lists what a fact contributes in this version.
func (v *Version) Of(f *fact.Fact) []Contribution { return v.altered(Of(f), 0) }

// AppendSince is the function of that name in this version.
func (v *Version) AppendSince(out []Contribution, f *fact.Fact, at int64) []Contribution {
	return v.altered(AppendSince(out, f, at), len(out))
}

func (v *Version) altered(all []Contribution, from int) []Contribution {
	if v.Alter != nil {
		for i := range all[from:] {
			v.Alter(&all[from+i])
		}
	}
	return all
}

// GoesOnFrom says whether this version may go on from what another counted, which may be itself.
func (v *Version) GoesOnFrom(number uint32) bool { return v.Oldest <= number && number <= v.Number }

// VersionError says that what is stored of a tenant was counted by a version that this one
// does not go on from. Nothing is wrong with it: other code is to be run, or it is to be
// built anew.
type VersionError struct {
	Tenant      string
	Stored, Own uint32
}

func (e *VersionError) Error() string {
	if e.Stored > e.Own {
		return fmt.Sprintf("what is stored of tenant %q was counted by version %d of the measures, and this program has version %d: run version %d", e.Tenant, e.Stored, e.Own, e.Stored)
	}
	return fmt.Sprintf("what is stored of tenant %q was counted by version %d of the measures, from which version %d, that of this program, does not go on: build it anew first (go run ./infra/rebuild)", e.Tenant, e.Stored, e.Own)
}

// Check is a VersionError if this version does not go on from what is stored of a tenant.
func (v *Version) Check(tenant string, stored uint32) error {
	if v.GoesOnFrom(stored) {
		return nil
	}
	return &VersionError{Tenant: tenant, Stored: stored, Own: v.Number}
}
