/**
 * The rule that runs in Gatekeeper (Rego v1): it asks the provider about everything that brings images, and refuses
 * whatever is not a whole, positive answer to that very question.
 *
 * A rule that is undefined is no violation, so a pod would be let in. Hence: every member is read by `object.get` and
 * brought to a known shape, whatever is of another shape is passed on as an empty image, which the provider refuses, and
 * only the positive rule asks for much. The key is read by `request-key.ts`; the two change together.
 */
export const CONSTRAINT_REGO = String.raw`package hipaaciimages

violation contains {"msg": message, "details": {"records": records, "uid": uid}} if {
	asked
	refused
}

# ---- What is asked about ----

# Neither brings an image. Without this, a webhook that is registered for more than it should be would keep pods from
# being deleted, and the nodes from saying how theirs are.
nothing_new if operation in {"DELETE", "CONNECT"}

nothing_new if subresource in {"status", "resize"}

asked if {
	not nothing_new
	not on == "advice"
}

# Advice is for the person who brings a new pod template: the pods themselves are asked about when they come.
asked if {
	not nothing_new
	on == "advice"
	mode == "advice"
	not controlled
	not same_template
}

# Made by something that was asked about already: the Deployment of a ReplicaSet.
controlled if {
	some owner in list(object.get(metadata, "ownerReferences", null))
	object.get(dict(owner), "controller", null) == true
}

same_template if {
	operation == "UPDATE"
	pod_template(new_object) == pod_template(old_object)
}

# ---- The verdict ----

# Whatever "on" says that is not known, a mistyped one too, refuses.
refused if {
	not on in {"warn", "advice"}
	not verdict.admit
}

refused if {
	on == "warn"
	verdict.admit
	not verdict.allowed
}

refused if {
	on == "advice"
	not verdict.allowed
}

# The provider's value. Undefined where there is none: it is down (then "errors" and "responses" are null), it says that it
# could not judge, it says nothing, or more than it was asked, or something about another key.
verdict := value if {
	answer.system_error == ""
	count(answer.errors) == 0
	count(answer.responses) == 1
	[their_key, value] := answer.responses[0]
	their_key == key
	is_boolean(value.admit)
	is_boolean(value.allowed)
}

default answer := {"system_error": "the provider could not be asked"}

answer := external_data({"provider": text(object.get(input, ["parameters", "provider"], null)), "keys": [key]})

on := object.get(input, ["parameters", "on"], "deny")

# ---- What the person reads ----

message := verdict.message if {
	is_string(verdict.message)
	verdict.message != ""
} else := "hipaa-ci refused its images and gave no reason" if {
	verdict
} else := concat("", ["hipaa-ci: it is not known whether its pods will be admitted, because there is no verdict: ", trouble]) if {
	on == "advice"
} else := concat("", ["hipaa-ci: not admitted, because there is no verdict: ", trouble])

trouble := substring(answer.system_error, 0, 1000) if {
	is_string(answer.system_error)
	answer.system_error != ""
} else := substring(answer.errors[0][1], 0, 1000) if {
	is_string(answer.errors[0][1])
} else := "what the provider answered is no answer to this request"

records := texts(object.get(found, "records", null))

found := verdict if {
	verdict
} else := {}

# ---- The key ----

review := dict(object.get(input, "review", null))

new_object := dict(object.get(review, "object", null))

old_object := dict(object.get(review, "oldObject", null))

metadata := dict(object.get(new_object, "metadata", null))

person := dict(object.get(review, "userInfo", null))

uid := text(object.get(review, "uid", null))

operation := text(object.get(review, "operation", null))

subresource := text(object.get(review, "subResource", null))

kind := text(object.get(review, ["kind", "kind"], null))

# An API server gives each request a uid; Gatekeeper's audit has neither uid nor user.
mode := "audit" if {
	uid == ""
} else := "advice" if {
	on == "advice"
} else := "admission"

# Of an audit nothing of the pod itself: all replicas share one key.
question := object.union(whole, {
	"op": "", "sub": "", "dryRun": false, "user": "", "arn": [], "groups": [], "name": "", "objectUid": "", "owners": [], "old": [],
}) if {
	mode == "audit"
} else := whole

whole := {
	"v": 1,
	"mode": mode,
	"uid": uid,
	"op": operation,
	"sub": subresource,
	"dryRun": object.get(review, "dryRun", null) == true,
	"user": text(object.get(person, "username", null)),
	"arn": texts(object.get(person, ["extra", "arn"], null)),
	"groups": texts(object.get(person, "groups", null)),
	"ns": text(object.get(review, "namespace", null)),
	"kind": kind,
	"name": name,
	"objectUid": text(object.get(metadata, "uid", null)),
	"owners": [{"kind": text(object.get(owner, "kind", null)), "name": text(object.get(owner, "name", null))} |
		some reference in list(object.get(metadata, "ownerReferences", null))
		owner := dict(reference)
	],
	"images": images_of(new_object),
	"old": old_images,
}

# Gatekeeper hands a key on in the notation of Go, which for DEL and beyond U+FFFF is no JSON: it then asks nobody, and
# whoever put such a character into an image would be past a rule that is undefined. So these are escaped.
key := strings.replace_n({char: escape(char) | some char in regex.find_n("[^ -~]", plain_key, -1); needs_escape(char)}, plain_key)

plain_key := json.marshal(question)

needs_escape(char) if count(digits(char)) in {2, 8}

# The hexadecimal digits of its UTF-8.
digits(char) := [indexof("0123456789ABCDEF", digit) | some digit in split(replace(urlquery.encode(char), "%", ""), "")]

escape(char) := "\\u007f" if {
	count(digits(char)) == 2
} else := sprintf("\\u%04x\\u%04x", [55296 + bits.rsh(beyond, 10), 56320 + bits.and(beyond, 1023)]) if {
	d := digits(char)
	bytes := [(bits.and(d[2], 3) * 16) + d[3], (bits.and(d[4], 3) * 16) + d[5], (bits.and(d[6], 3) * 16) + d[7]]
	beyond := ((((d[1] * 262144) + (bytes[0] * 4096)) + (bytes[1] * 64)) + bytes[2]) - 65536
}

name := own if {
	own := text(object.get(metadata, "name", null))
	own != ""
} else := text(object.get(review, "name", null))

# What runs already is not judged again. Pods of a new template are new, so advice has none.
old_images := sort({old.image | some old in images_of(old_object); old.image != ""}) if {
	operation == "UPDATE"
	mode == "admission"
} else := []

# ---- Images ----

template_path := ["spec", "jobTemplate", "spec", "template"] if {
	kind == "CronJob"
} else := ["template"] if {
	kind == "PodTemplate"
} else := [] if {
	kind == "Pod"
} else := ["spec", "template"]

pod_template(holder) := dict(object.get(holder, template_path, null))

prefix := concat("", [concat("", [step, "."]) | some step in template_path])

images_of(holder) := array.concat(
	[{"path": sprintf("%sspec.%s[%d]", [prefix, field, at]), "image": text(object.get(dict(container), "image", null))} |
		some field in ["initContainers", "containers", "ephemeralContainers"]
		some at, container in entries(object.get(pod_spec(holder), field, null))
	],
	[{"path": sprintf("%sspec.volumes[%d].image", [prefix, at]), "image": text(object.get(dict(image), "reference", null))} |
		some at, volume in entries(object.get(pod_spec(holder), "volumes", null))
		image := object.get(dict(volume), "image", null)
		image != null
	],
)

pod_spec(holder) := dict(object.get(pod_template(holder), "spec", null))

# ---- Shapes: each of these is defined for every value ----

text(value) := value if {
	is_string(value)
} else := ""

texts(value) := [item | some item in list(value); is_string(item)]

list(value) := value if {
	is_array(value)
} else := []

# As a list, but what is neither list nor null counts as one entry: nothing in it can be an image, so the provider refuses it.
entries(value) := value if {
	is_array(value)
} else := [] if {
	value == null
} else := [value]

dict(value) := value if {
	is_object(value)
} else := {}
`
