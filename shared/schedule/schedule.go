// Package schedule delivers reports to the object store when it is time: each whole
// period once, and again when something late changes it. In: what tenants declare, and
// the present. Out: objects, and beside them manifests that say what they hold. Which
// reports there are is handed in; it knows no vendor's report, no HTTP and no engine.
package schedule
