{{/* The list of centres of the city, as JSON. */}}
{{- define "fengqiao.city.centres" -}}
{{- include "fengqiao.topology" (.Values.topology | default (.Files.Get "files/made_city.csv")) -}}
{{- end }}

{{/* The ConfigMap with the list; every node reads it. */}}
{{- define "fengqiao.city.topologyMap" -}}
{{ .Release.Name }}-topology
{{- end }}

{{/* The code of the centre whose cluster a database stands in: of the centre, of its county, or of the city. */}}
{{- define "fengqiao.city.clusterOf" -}}
{{- if eq .layout "centre" -}}
{{ .centre.code }}
{{- else if eq .layout "city" -}}
{{ .city }}
{{- else -}}
{{ ternary .centre.parent .centre.code (eq .centre.level "township") }}
{{- end -}}
{{- end }}

{{/* The code of the city. */}}
{{- define "fengqiao.city.code" -}}
{{- range . }}{{ if eq .level "city" }}{{ .code }}{{ end }}{{ end -}}
{{- end }}

{{/*
The values of fengqiao-node for each centre, in the order of the list. Is given (dict "root" $ "out" DICT) and sets
`nodes` in `out`: a list of {centre, node}. From the chart's own values to the most particular: values.yaml of
fengqiao-node, what this release runs (Kafka, databases, ingress), common, size, override.
*/}}
{{- define "fengqiao.city.nodes" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $rows := include "fengqiao.city.centres" $root | fromJsonArray -}}
{{- $city := include "fengqiao.city.code" $rows -}}
{{- $codes := list -}}
{{- range $rows }}{{ $codes = append $codes .code }}{{ end -}}
{{- range $code := concat (keys $values.nodes.overrides) $values.nodes.only -}}
  {{- if not (has $code $codes) -}}
    {{- fail (printf "nodes: 名单中没有中心 %s。The list of centres has no %s, which nodes.only or nodes.overrides names." $code $code) -}}
  {{- end -}}
{{- end -}}
{{- $names := dict -}}
{{- range $rows }}{{ $_ := set $names .code .name }}{{ end -}}
{{- $defaults := $root.Files.Get "files/node-values.yaml" | fromYaml -}}
{{- $found := list -}}
{{- range $centre := $rows -}}
  {{- if or (empty $values.nodes.only) (has $centre.code $values.nodes.only) -}}
    {{- $platform := dict "root" $root "centre" $centre "city" $city -}}
    {{- $_ := include "fengqiao.city.platform" $platform -}}
    {{- $node := mergeOverwrite (deepCopy $defaults) $platform.values (deepCopy $values.nodes.common) -}}
    {{- $node = mergeOverwrite $node (index $values.nodes.sizes $centre.level | default dict | deepCopy) -}}
    {{- $node = mergeOverwrite $node (index $values.nodes.overrides $centre.code | default dict | deepCopy) -}}
    {{- $_ := set $node "centre" $centre.code -}}
    {{- $county := ternary $centre.parent $centre.code (eq $centre.level "township") -}}
    {{- $_ := set $node "place" (dict "level" $centre.level "county" $county "centre_name" $centre.name "county_name" (index $names $county)) -}}
    {{- if eq $node.migrations.mode "hook" -}}
      {{- fail (printf "nodes: migrations.mode: hook 会先于数据库运行。A hook for %s would run before the databases of this release; use init or none." $centre.code) -}}
    {{- end -}}
    {{- $found = append $found (dict "centre" $centre "node" $node) -}}
  {{- end -}}
{{- end -}}
{{- /* Each process of a centre dials each process of its parent, so that whoever is asked there has a Link of its own. */ -}}
{{- $above := dict -}}
{{- range $found }}{{ $_ := set $above .centre.code .node }}{{ end -}}
{{- range $found -}}
  {{- $parent := index $above .centre.parent -}}
  {{- if and $parent (empty .node.parent) -}}
    {{- $name := include "fengqiao.node.fullname" (dict "node" $parent) -}}
    {{- $targets := list -}}
    {{- if gt (int $parent.replicas) 1 -}}
      {{- range $ordinal := until (int $parent.replicas) -}}
        {{- $targets = append $targets (printf "%s-%d.%s-pods:7400" $name $ordinal $name) -}}
      {{- end -}}
    {{- else -}}
      {{- $targets = list (printf "%s:7400" $name) -}}
    {{- end -}}
    {{- $_ := set .node "parent" (join "," $targets) -}}
  {{- end -}}
{{- end -}}
{{- $_ := set .out "nodes" $found -}}
{{- $_ := set .out "rows" $rows -}}
{{- $_ := set .out "city" $city -}}
{{- end }}

{{/* Sets in its argument `values`: what this release means for the values of one centre. */}}
{{- define "fengqiao.city.platform" -}}
{{- $values := .root.Values -}}
{{- $code := .centre.code -}}
{{- $map := include "fengqiao.city.topologyMap" .root -}}
{{- $kafka := dict "bootstrapServers" $values.kafka.bootstrapServers -}}
{{- if eq $values.kafka.mode "strimzi" -}}
  {{- $port := ternary 9093 9092 $values.kafka.users -}}
  {{- $_ := set $kafka "bootstrapServers" (list (printf "%s-kafka-bootstrap:%d" $values.kafka.strimzi.cluster $port)) -}}
  {{- if $values.kafka.users -}}
    {{- $_ := set $kafka "username" (printf "fengqiao-%s" $code) -}}
    {{- $_ := set $kafka "passwordSecret" (dict "name" (printf "fengqiao-%s" $code) "key" "password") -}}
    {{- $_ := set $kafka "caSecret" (dict "name" (printf "%s-cluster-ca-cert" $values.kafka.strimzi.cluster) "key" "ca.crt") -}}
  {{- end -}}
{{- end -}}
{{- $found := dict "kafka" $kafka "topology" (dict "configMap" (dict "name" $map "key" "topology.csv")) -}}
{{- if eq $values.databases.mode "cnpg" -}}
  {{- $cluster := printf "fengqiao-pg-%s" (include "fengqiao.city.clusterOf" (dict "layout" $values.databases.cnpg.layout "centre" .centre "city" .city)) -}}
  {{- $_ := set $found "database" (dict "host" (printf "%s-rw" $cluster) "sslmode" "require" "passwordSecret" (dict "name" (printf "%s-app" $cluster) "key" "password")) -}}
{{- end -}}
{{- $_ := set $found "serviceMonitor" (dict "enabled" $values.monitoring.monitors "labels" $values.monitoring.labels) -}}
{{- if $values.ingress.enabled -}}
  {{- $_ := set $found "ingress" (merge (dict "front" (eq .centre.level "city")) (deepCopy $values.ingress)) -}}
{{- end -}}
{{- $_ := set . "values" $found -}}
{{- end }}
