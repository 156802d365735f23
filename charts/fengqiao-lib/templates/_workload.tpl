{{/*
One replica is a Deployment: when its machine is lost, another pod starts without a person. It is made anew and never
rolled, so that two of one name do not run for long. Several are a StatefulSet, because each process needs a name that
it keeps over restarts: Kafka's static membership and the leases know it by that.
*/}}
{{- define "fengqiao.node.workload" -}}
{{- include "fengqiao.node.check" . -}}
apiVersion: apps/v1
{{- if gt (int .node.replicas) 1 }}
kind: StatefulSet
{{- else }}
kind: Deployment
{{- end }}
metadata:
  name: {{ include "fengqiao.node.fullname" . }}
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
spec:
  replicas: {{ .node.replicas }}
  revisionHistoryLimit: 5
  selector:
    matchLabels: {{- include "fengqiao.node.selector" . | nindent 6 }}
  {{- if gt (int .node.replicas) 1 }}
  serviceName: {{ include "fengqiao.node.fullname" . }}-pods
  podManagementPolicy: Parallel
  updateStrategy:
    type: RollingUpdate
  {{- else }}
  strategy:
    type: Recreate
  {{- end }}
  template: {{- include "fengqiao.node.pod" . | nindent 4 }}
{{- end }}

{{- define "fengqiao.node.services" -}}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "fengqiao.node.fullname" . }}
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
spec:
  type: ClusterIP
  selector: {{- include "fengqiao.node.selector" . | nindent 4 }}
  ports:
    - {name: grpc, port: 7400, targetPort: grpc, protocol: TCP, appProtocol: kubernetes.io/h2c}
    - {name: desk, port: 8080, targetPort: desk, protocol: TCP, appProtocol: http}
    - {name: citizen, port: 8081, targetPort: citizen, protocol: TCP, appProtocol: http}
    - {name: ops, port: 9090, targetPort: ops, protocol: TCP, appProtocol: http}
{{- if gt (int .node.replicas) 1 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "fengqiao.node.fullname" . }}-pods
  labels:
    {{- include "fengqiao.node.labels" . | nindent 4 }}
    fengqiao-headless: "true"
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{- include "fengqiao.node.selector" . | nindent 4 }}
  ports:
    - {name: grpc, port: 7400, targetPort: grpc, protocol: TCP, appProtocol: kubernetes.io/h2c}
{{- end }}
{{- end }}

{{/* One replica has no budget: one that forbade its eviction would hold up the drain of a machine for ever. */}}
{{- define "fengqiao.node.disruptionBudget" -}}
{{- if and .node.disruptionBudget.enabled (gt (int .node.replicas) 1) }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "fengqiao.node.fullname" . }}
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .node.disruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "fengqiao.node.selector" . | nindent 6 }}
{{- end }}
{{- end }}

{{- define "fengqiao.node.serviceMonitor" -}}
{{- if .node.serviceMonitor.enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "fengqiao.node.fullname" . }}
  labels:
    {{- include "fengqiao.node.labels" . | nindent 4 }}
    {{- with .node.serviceMonitor.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  # The rules and boards of deploy ask for this job, and for the labels of the place.
  jobLabel: app.kubernetes.io/part-of
  selector:
    matchLabels: {{- include "fengqiao.node.selector" . | nindent 6 }}
    matchExpressions:
      - {key: fengqiao-headless, operator: DoesNotExist}
  endpoints:
    - port: ops
      path: /{{ .node.centre }}/metrics
      honorLabels: true
      interval: {{ .node.serviceMonitor.interval }}
      scrapeTimeout: {{ .node.serviceMonitor.scrapeTimeout }}
      relabelings:
        {{- range $label, $value := include "fengqiao.node.place" . | fromJson }}
        - {targetLabel: {{ $label }}, replacement: {{ $value | quote }}}
        {{- end }}
{{- end }}
{{- end }}

{{- define "fengqiao.node.ingress" -}}
{{- if .node.ingress.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "fengqiao.node.fullname" . }}
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
  {{- with .node.ingress.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .node.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if .node.ingress.tlsSecret }}
  tls:
    - hosts: {{ compact (list .node.ingress.host .node.ingress.citizenHost) | toJson }}
      secretName: {{ .node.ingress.tlsSecret }}
  {{- end }}
  rules:
    - host: {{ .node.ingress.host | quote }}
      http:
        paths:
          {{- range $path := concat (list (printf "/%s" .node.centre)) (ternary (list "/static" "/") (list) .node.ingress.front) }}
          - path: {{ $path }}
            pathType: Prefix
            backend:
              service:
                name: {{ include "fengqiao.node.fullname" $ }}
                port: {name: desk}
          {{- end }}
    {{- with .node.ingress.citizenHost }}
    - host: {{ . | quote }}
      http:
        paths:
          {{- range $path := concat (list (printf "/%s" $.node.centre)) (ternary (list "/static" "/") (list) $.node.ingress.front) }}
          - path: {{ $path }}
            pathType: Prefix
            backend:
              service:
                name: {{ include "fengqiao.node.fullname" $ }}
                port: {name: citizen}
          {{- end }}
    {{- end }}
{{- end }}
{{- end }}
