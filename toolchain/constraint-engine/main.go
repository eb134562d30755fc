// constraint-engine runs Gatekeeper's own constraint client, Rego driver and external-data builtin without a cluster.
//
//	constraint-engine --provider P.yaml --template T.yaml --constraint C.yaml[,D.yaml] --cert-dir DIR [--cache 3m] [--audit]
//
// It reads one AdmissionReview (JSON) from each line of stdin, and prints a line for each in the same order:
// {"uid", "violations": [{"constraint", "action", "message", "details"}]}. Whatever it cannot do ends it with 2 and a
// sentence on stderr: in a test nothing is worse than an engine that judged something else. "ready" on stderr comes first.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/open-policy-agent/frameworks/constraint/pkg/apis/externaldata/unversioned"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/drivers/rego"
	"github.com/open-policy-agent/frameworks/constraint/pkg/client/reviews"
	"github.com/open-policy-agent/frameworks/constraint/pkg/externaldata"
	"github.com/open-policy-agent/frameworks/constraint/pkg/types"
	"github.com/open-policy-agent/gatekeeper/v3/apis"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/gator/reader"
	mutation "github.com/open-policy-agent/gatekeeper/v3/pkg/mutation/types"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/target"
	"github.com/open-policy-agent/gatekeeper/v3/pkg/util"
	admission "k8s.io/api/admission/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
)

type options struct {
	provider, template, constraints, certificates string
	cache                                         time.Duration
	audit                                         bool
}

type violation struct {
	Constraint string `json:"constraint"`
	Action     string `json:"action"`
	Message    string `json:"message"`
	Details    any    `json:"details"`
}

type verdict struct {
	UID        string      `json:"uid"`
	Violations []violation `json:"violations"`
}

func main() {
	var o options
	flag.StringVar(&o.provider, "provider", "", "file of the Provider")
	flag.StringVar(&o.template, "template", "", "file of the ConstraintTemplate")
	flag.StringVar(&o.constraints, "constraint", "", "files of constraints, by comma")
	flag.StringVar(&o.certificates, "cert-dir", "", "folder with tls.crt and tls.key, shown to the provider")
	flag.DurationVar(&o.cache, "cache", 3*time.Minute, "how long answers of the provider are kept; 0: not at all")
	flag.BoolVar(&o.audit, "audit", false, "review objects as the audit does: without uid and user")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "constraint-engine:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, o options) error {
	engine, err := newEngine(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "ready")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		answer, err := review(ctx, engine, lines.Bytes(), o.audit)
		if err != nil {
			return err
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func newEngine(ctx context.Context, o options) (*client.Client, error) {
	scheme := runtime.NewScheme()
	if err := apis.AddToScheme(scheme); err != nil {
		return nil, err
	}
	watcher, err := certwatcher.New(filepath.Join(o.certificates, "tls.crt"), filepath.Join(o.certificates, "tls.key"))
	if err != nil {
		return nil, err
	}
	providers := externaldata.NewCache()
	args := []rego.Arg{
		rego.Externs("inventory"),
		rego.AddExternalDataProviderCache(providers),
		rego.EnableExternalDataClientAuth(),
		rego.AddExternalDataClientCertWatcher(watcher),
	}
	if o.cache > 0 {
		args = append(args, rego.AddExternalDataProviderResponseCache(externaldata.NewProviderResponseCache(ctx, o.cache)))
	}
	driver, err := rego.New(args...)
	if err != nil {
		return nil, err
	}
	engine, err := client.NewClient(
		client.Targets(&target.K8sValidationTarget{}),
		client.Driver(driver),
		client.EnforcementPoints(util.WebhookEnforcementPoint, util.AuditEnforcementPoint),
	)
	if err != nil {
		return nil, err
	}
	// Only now: a provider that is there before the driver is never given its connections.
	return engine, load(ctx, engine, scheme, providers, o)
}

func load(ctx context.Context, engine *client.Client, scheme *runtime.Scheme, providers *externaldata.ProviderCache, o options) error {
	object, err := read(o.provider)
	if err != nil {
		return err
	}
	var provider unversioned.Provider
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &provider); err != nil {
		return err
	}
	if err := providers.Upsert(&provider); err != nil {
		return err
	}
	object, err = read(o.template)
	if err != nil {
		return err
	}
	template, err := reader.ToTemplate(scheme, object)
	if err != nil {
		return err
	}
	if _, err := engine.AddTemplate(ctx, template); err != nil {
		return err
	}
	for _, file := range strings.Split(o.constraints, ",") {
		object, err := read(file)
		if err != nil {
			return err
		}
		if _, err := engine.AddConstraint(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

func read(file string) (*unstructured.Unstructured, error) {
	bytes, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return reader.ReadUnstructured(bytes)
}

func review(ctx context.Context, engine *client.Client, line []byte, audit bool) (verdict, error) {
	var given admission.AdmissionReview
	if err := json.Unmarshal(line, &given); err != nil {
		return verdict{}, err
	}
	if given.Request == nil {
		return verdict{}, errors.New("a line without a request")
	}
	namespace := &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: given.Request.Namespace}}
	var object any = &target.AugmentedReview{
		AdmissionRequest: given.Request, Namespace: namespace, Source: mutation.SourceTypeOriginal, IsAdmission: true,
	}
	point := util.WebhookEnforcementPoint
	if audit {
		var plain unstructured.Unstructured
		if err := json.Unmarshal(given.Request.Object.Raw, &plain.Object); err != nil {
			return verdict{}, err
		}
		object = &target.AugmentedUnstructured{Object: plain, Namespace: namespace, Source: mutation.SourceTypeOriginal}
		point = util.AuditEnforcementPoint
	}
	responses, err := engine.Review(ctx, object, reviews.EnforcementPoint(point))
	if err != nil {
		return verdict{}, err
	}
	answer := verdict{UID: string(given.Request.UID), Violations: []violation{}}
	for _, result := range responses.Results() {
		answer.Violations = append(answer.Violations, violationOf(result))
	}
	return answer, nil
}

func violationOf(result *types.Result) violation {
	return violation{result.Constraint.GetName(), result.EnforcementAction, result.Msg, result.Metadata["details"]}
}
