{{/* Who may reach a node, and whom it may reach: its neighbours, its database, Kafka, names; nothing else. */}}
{{- define "fengqiao.node.networkPolicy" -}}
{{- if .node.networkPolicy.enabled }}
{{- $in := .node.networkPolicy.ingress }}
{{- $out := .node.networkPolicy.egress }}
{{- $nodes := list (dict "podSelector" (dict "matchLabels" (dict "app.kubernetes.io/name" "fengqiao-node"))) }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "fengqiao.node.fullname" . }}
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "fengqiao.node.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{port: grpc, protocol: TCP}]
      from:
        {{- concat $nodes $in.grpc | toYaml | nindent 8 }}
        # `helm test` asks as a neighbour does.
        - podSelector: {matchLabels: {app.kubernetes.io/name: fengqiao-test}}
    - ports: [{port: desk, protocol: TCP}]
      {{- with $in.desk }}
      from: {{- toYaml . | nindent 8 }}
      {{- end }}
    - ports: [{port: citizen, protocol: TCP}]
      {{- with $in.citizen }}
      from: {{- toYaml . | nindent 8 }}
      {{- end }}
    - ports: [{port: ops, protocol: TCP}]
      from:
        # Within the namespace, for `helm test`.
        - podSelector: {}
        {{- with $in.ops }}{{ toYaml . | nindent 8 }}{{ end }}
  egress:
    - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
    - ports: [{port: 7400, protocol: TCP}]
      to: {{- concat $nodes $out.parent | toYaml | nindent 8 }}
    - ports: [{port: {{ .node.database.port }}, protocol: TCP}]
      {{- with $out.database }}
      to: {{- toYaml . | nindent 8 }}
      {{- end }}
    - ports:
        {{- range include "fengqiao.node.kafkaPorts" . | fromJsonArray }}
        - {port: {{ . }}, protocol: TCP}
        {{- end }}
      {{- with $out.kafka }}
      to: {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- with $out.extra }}{{ toYaml . | nindent 4 }}{{ end }}
{{- end }}
{{- end }}

{{- define "fengqiao.node.kafkaPorts" -}}
{{- $ports := list -}}
{{- range .node.kafka.bootstrapServers }}{{ $ports = append $ports (splitList ":" . | last | atoi) }}{{ end -}}
{{- $ports | uniq | toJson -}}
{{- end }}
