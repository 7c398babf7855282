package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// result is one line of the table.
type result struct {
	Part string `json:"part"` // of the table
	What string `json:"what"`
	// Limit is what physics or the protocol allow, in words.
	Limit    string  `json:"limit,omitempty"`
	Target   float64 `json:"target,omitempty"` // at most; 0: none
	Measured float64 `json:"measured"`
	Unit     string  `json:"unit,omitempty"`
	Detail   string  `json:"detail,omitempty"`
}

// missed says that a target was not reached.
func (r *result) missed() bool { return r.Target > 0 && r.Measured > r.Target*1.0001 }

func (r *result) verdict() string {
	switch {
	case r.Target == 0:
		return ""
	case r.missed():
		return "missed"
	}
	return "ok"
}

// printer prints results as they come, and keeps them.
type printer struct {
	out  io.Writer
	all  []result
	part string // the section's title
}

// section begins a new part of the table.
func (p *printer) section(format string, args ...any) {
	p.part = fmt.Sprintf(format, args...)
	_, _ = fmt.Fprintf(p.out, "\n%s\n", p.part)
}

// add prints results, aligned with one another.
func (p *printer) add(results ...result) {
	w := tabwriter.NewWriter(p.out, 2, 0, 2, ' ', 0)
	for _, r := range results {
		target := ""
		if r.Target > 0 {
			target = "≤ " + short(r.Target)
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\t%s %s\t%s\t\n", r.What, r.Limit, target, short(r.Measured), r.Unit, r.verdict())
	}
	_ = w.Flush()
	for _, r := range results {
		if r.Detail != "" {
			_, _ = fmt.Fprintf(p.out, "      %s: %s\n", r.What, r.Detail)
		}
	}
	p.keep(results...)
}

// keep keeps results that were printed in another way.
func (p *printer) keep(results ...result) {
	for _, r := range results {
		r.Part = p.part
		p.all = append(p.all, r)
	}
}

// short is a number with about three digits.
func short(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 100:
		return fmt.Sprintf("%.4g", v)
	}
	s := fmt.Sprintf("%.3f", v)
	s = strings.TrimRight(s, "0")
	return strings.TrimSuffix(s, ".")
}

// save writes the results as JSON.
func (p *printer) save(file string) error {
	raw, err := json.MarshalIndent(p.all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(raw, '\n'), 0o600)
}

func (p *printer) missed() (out []string) {
	for i := range p.all {
		if p.all[i].missed() {
			out = append(out, "  "+p.all[i].Part+": "+p.all[i].What)
		}
	}
	return out
}
