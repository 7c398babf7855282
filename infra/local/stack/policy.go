package stack

// Statement says what a function may do: any of the actions, with any of the resources.
type Statement struct {
	Actions   []string
	Resources []Resource
	// LeadingKeys are the partitions of a table that it is about, with * for any text; nil: all.
	LeadingKeys []string
}

// Resource is a logical id, and what of it: /jobs/* of a bucket; empty: the resource itself.
type Resource struct{ Name, Path string }

// policy is what a function may do: what SAM is told of it, or its role.
func (r *reader) policy(properties any) (all []Statement) {
	list, _ := at(properties, "Policies").([]any)
	if role, ok := at(properties, "Role").(ref); ok {
		own := at(r.resources[string(role)], "Properties")
		managed, _ := at(own, "ManagedPolicyArns").([]any)
		inline, _ := at(own, "Policies").([]any)
		list = append(managed, inline...)
	}
	for _, p := range list {
		if name, ok := p.(ref); ok {
			p = at(r.resources[string(name)], "Properties")
		}
		if document := at(p, "PolicyDocument"); document != nil {
			p = document
		}
		statements, _ := at(p, "Statement").([]any)
		for _, s := range statements {
			all = append(all, Statement{
				Actions: texts(at(s, "Action")), Resources: resources(at(s, "Resource")),
				LeadingKeys: texts(at(s, "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys")),
			})
		}
	}
	return all
}

// listed is a list, or what could be the only entry of one.
func listed(v any) []any {
	if list, ok := v.([]any); ok || v == nil {
		return list
	}
	return []any{v}
}

func texts(v any) (out []string) {
	for _, v := range listed(v) {
		out = append(out, text(v, ""))
	}
	return out
}

func resources(v any) (out []Resource) {
	for _, v := range listed(v) {
		switch v := v.(type) {
		case ref:
			out = append(out, Resource{Name: string(v)})
		case within:
			out = append(out, Resource{v.resource, v.path})
		}
	}
	return out
}
