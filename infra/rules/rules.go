// Package rules holds the rules of the repository as ordinary tests: what lies where, how long a file may be, what
// go.mod may require, what a text may say. In: the files of the module. It knows nothing of what the code does;
// which package may import which is in .golangci.yml.
package rules
